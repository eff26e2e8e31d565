package io.onevault.jobs.alerts.findings;

/**
 * What was told of the incidents that count for one series. Times are the server's clock in
 * milliseconds since the epoch.
 *
 * @param series its text
 * @param lastMillis time of the last value
 * @param quietSince when the last of its incidents was over; 0 while one lasts
 */
public record BlockingSeries(String series, long lastMillis, long quietSince) {}
