package io.onevault.jobs.locks.resolution;

import io.onevault.connectors.locks.SignalRequest;

/**
 * A decision that is to be carried out.
 *
 * @param draft the record of it, without its outcome
 * @param request what the server is to do
 */
public record SignalOrder(LockResolution draft, SignalRequest request) {}
