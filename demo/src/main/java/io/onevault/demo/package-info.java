/** Everything on one machine: servers, workload, Flink, and what the vault says of them, live. */
@NullMarked
package io.onevault.demo;

import org.jspecify.annotations.NullMarked;
