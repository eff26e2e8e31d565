package io.onevault.connectors.model;

import org.jspecify.annotations.Nullable;

/**
 * One column of a {@link RowChange}: its type as the server names it and its value as text.
 *
 * <p>Text is the one form that every PostgreSQL type has without loss. It is the server's own, in a
 * session in UTC with ISO dates and the currency of the C locale, so that a value reads the same in
 * a snapshot and in the stream, with these exceptions:
 *
 * <ul>
 *   <li>{@code bool}: {@code true} or {@code false};
 *   <li>{@code float4}, {@code float8}: as {@link Float#toString()} and {@link Double#toString()},
 *       thus {@code NaN}, {@code Infinity};
 *   <li>{@code timestamptz}: ISO 8601 in UTC with as many digits as stored, at most microseconds;
 *       {@code timestamp} the same without zone; {@code date} as {@code yyyy-mm-dd}; all three
 *       {@code infinity} or {@code -infinity} where stored; years before 1 are astronomical ({@code
 *       0000} is 1 BC);
 *   <li>{@code interval}: {@code P1Y2M3DT4H5M6.7S}, every part with its own sign, none carried into
 *       another, as PostgreSQL keeps months, days and time apart.
 * </ul>
 *
 * <p>Arrays are the server's array literal, e.g. {@code {1,NULL,"a b"}}, their elements as the
 * server writes them; {@code bytea} is {@code \x} and lower-case hexadecimal digits. A value that
 * is no valid UTF-8 is not altered: its row becomes a {@link CdcDeadLetter}.
 *
 * @param name the column
 * @param type the type's name in {@code pg_type}; an array's begins with an underscore; of a domain
 *     that of its base type
 * @param text the value; null when it is SQL's NULL, or unknown
 * @param unchanged true when the server did not send the value because the update left it as it was
 *     (a large value stored out of line); {@code text} is then null and means nothing
 */
public record FieldValue(String name, String type, @Nullable String text, boolean unchanged) {}
