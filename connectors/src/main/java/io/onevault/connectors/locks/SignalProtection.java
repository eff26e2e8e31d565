package io.onevault.connectors.locks;

import java.io.Serializable;
import java.util.List;

/**
 * Who is never signalled, whatever it blocks; superusers and who may become one come on top.
 *
 * @param users login roles by name, in any letter case
 * @param roles whose direct and indirect members are protected; those that do not exist are ignored
 * @param applications how protected programs call themselves: the beginning of their name up to a
 *     version, a blank, {@code /}, {@code [}, {@code :} or {@code (}
 * @param vaultRoles business keys of roles in the vault model's {@code auth.role_h}; users who hold
 *     one by {@code auth.user_role_l} are protected in a database that has these tables
 */
public record SignalProtection(
        List<String> users, List<String> roles, List<String> applications, List<String> vaultRoles)
        implements Serializable {

    public SignalProtection {
        users = List.copyOf(users);
        roles = List.copyOf(roles);
        applications = List.copyOf(applications);
        vaultRoles = List.copyOf(vaultRoles);
    }

    /** Which statements protect the session that runs them. */
    @FunctionalInterface
    public interface Statements extends Serializable {

        /**
         * Why the session is protected; empty when it is not.
         *
         * @param normalised the statement without literals
         * @param cut whether the server shows only its beginning
         * @param wrote whether the session's transaction has changed or locked rows, as dumps never
         *     do
         */
        String protection(String normalised, boolean cut, boolean wrote);
    }
}
