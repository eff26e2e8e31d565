@NullMarked
package io.onevault.sql;

import org.jspecify.annotations.NullMarked;
