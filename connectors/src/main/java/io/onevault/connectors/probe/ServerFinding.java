package io.onevault.connectors.probe;

/**
 * What is to be said of one server; holds no secret.
 *
 * @param setting what it is about: {@code url}, {@code user} or {@code password}
 * @param value of that setting as it may be shown; empty when it is missing
 * @param what is wrong, as a predicate
 * @param remedy what to do, as an imperative
 * @param fatal whether the server cannot serve; otherwise it can, and this is worth knowing
 */
public record ServerFinding(
        String setting, String value, String what, String remedy, boolean fatal) {}
