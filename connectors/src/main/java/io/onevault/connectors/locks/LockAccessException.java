package io.onevault.connectors.locks;

import io.onevault.connectors.probe.ServerFinding;

/** A server does not let its lock table be seen. Its message is one sentence without secrets. */
public final class LockAccessException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient ServerFinding finding;

    LockAccessException(ServerFinding finding, Throwable cause) {
        super(finding.value() + " " + finding.what() + "; " + finding.remedy(), cause);
        this.finding = finding;
    }

    /** What is wrong and what to do. */
    public ServerFinding finding() {
        return finding;
    }
}
