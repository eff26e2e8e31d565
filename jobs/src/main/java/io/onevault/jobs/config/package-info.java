/**
 * The one YAML file a deployment is described by: what it may say, how it is read, and what is
 * wrong with it, all of it at once.
 */
@NullMarked
package io.onevault.jobs.config;

import org.jspecify.annotations.NullMarked;
