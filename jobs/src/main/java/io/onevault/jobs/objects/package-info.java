/** What a server has and how it is set: descriptions whose changes are kept. */
@NullMarked
package io.onevault.jobs.objects;

import org.jspecify.annotations.NullMarked;
