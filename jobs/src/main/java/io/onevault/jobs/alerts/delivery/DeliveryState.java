package io.onevault.jobs.alerts.delivery;

/** Where a notification stands after an attempt or at its end. Travels as its name. */
public enum DeliveryState {
    /** An attempt failed, or its outcome was lost in a restart; there will be another. */
    RETRYING(false),
    /** The receiver has it. */
    DELIVERED(true),
    /** The receiver will not take it, or the attempts are used up. */
    FAILED(true),
    /** It grew too old before the receiver took it. */
    EXPIRED(true),
    /** Its alert was over before it could be sent at all. */
    DROPPED(true);

    private final boolean terminal;

    DeliveryState(boolean terminal) {
        this.terminal = terminal;
    }

    /** Whether nothing follows. */
    public boolean terminal() {
        return terminal;
    }
}
