package io.onevault.jobs.alerts.rules;

import java.util.List;

/**
 * The rules in force that concern one series.
 *
 * @param rules of every condition, in the order of their names
 * @param thresholds those with a percentage that adjust the series' own, in the order of their
 *     names
 */
public record RulesOfSeries(List<AlertRule> rules, List<CapacityThreshold> thresholds) {}
