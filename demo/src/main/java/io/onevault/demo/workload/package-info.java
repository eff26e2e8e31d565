/** A multi-tenant platform at work: the database the demo and its tests watch. */
@NullMarked
package io.onevault.demo.workload;

import org.jspecify.annotations.NullMarked;
