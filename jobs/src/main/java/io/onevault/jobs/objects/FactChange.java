package io.onevault.jobs.objects;

import java.util.Map;

/**
 * What a list says of one thing that the list before did not.
 *
 * @param key of the fact
 * @param before its attributes then; empty when it was not listed
 * @param after its attributes now; empty when it is gone
 */
public record FactChange(String key, Map<String, String> before, Map<String, String> after) {}
