/** Growth models; each can forecast from any past origin without seeing what came after it. */
@NullMarked
package io.onevault.forecasting.model;

import org.jspecify.annotations.NullMarked;
