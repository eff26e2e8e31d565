package io.onevault.connectors.locks;

import io.onevault.connectors.probe.ServerFinding;

/** A server does not let its lock table be seen. Its message is one sentence without secrets. */
public final class LockAccessException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient ServerFinding finding;

    LockAccessException(ServerFinding finding, Throwable cause) {
        super(subject(finding) + " " + finding.what() + "; " + finding.remedy(), cause);
        this.finding = finding;
    }

    private static String subject(ServerFinding finding) {
        return switch (finding.setting()) {
            case "password" -> "the password";
            case "user" -> "user " + finding.value();
            default -> finding.value();
        };
    }

    /**
     * What is wrong and what to do; its setting is {@code url}, {@code user} or {@code password}.
     */
    public ServerFinding finding() {
        return finding;
    }
}
