/** The vault: its migrations, and what deploys and maintains them. The only DDL in the project. */
@NullMarked
package io.onevault.sql;

import org.jspecify.annotations.NullMarked;
