package io.onevault.forecasting.model;

/** A forecast as a function of the steps after its origin, from 1. */
@FunctionalInterface
public interface Path {

    double at(int step);
}
