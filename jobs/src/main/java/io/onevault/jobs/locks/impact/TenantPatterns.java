package io.onevault.jobs.locks.impact;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.io.Serializable;
import java.util.Optional;

/**
 * How a target's names tell tenants: regular expressions whose first group is the tenant, found
 * anywhere in the name. Linear in the name, without look-around and back-references.
 */
public final class TenantPatterns implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Names tell nothing. */
    public static final TenantPatterns NONE = new TenantPatterns("", "");

    private final Pattern role;
    private final Pattern schema;

    /**
     * @param role for names of roles, empty for none
     * @param schema for names of schemas, empty for none
     * @throws com.google.re2j.PatternSyntaxException when one is no regular expression
     */
    public TenantPatterns(String role, String schema) {
        this.role = Pattern.compile(role);
        this.schema = Pattern.compile(schema);
    }

    Optional<String> ofRole(String name) {
        return tenant(role, name);
    }

    Optional<String> ofSchema(String name) {
        return tenant(schema, name);
    }

    private static Optional<String> tenant(Pattern pattern, String name) {
        Matcher matcher = pattern.matcher(name);
        return pattern.groupCount() > 0 && matcher.find()
                ? Optional.ofNullable(matcher.group(1)).filter(found -> !found.isEmpty())
                : Optional.empty();
    }
}
