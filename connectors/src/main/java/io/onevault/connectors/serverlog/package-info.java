/**
 * Tails servers' logs through SQL: finds the file, follows its rotation, keeps the position, and
 * turns lines of interest into events without literals.
 */
@NullMarked
package io.onevault.connectors.serverlog;

import org.jspecify.annotations.NullMarked;
