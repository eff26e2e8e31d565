-- Does the session's user hold a protected role in the vault model?

EXISTS (
            SELECT
            FROM auth.user_profile_s p
            JOIN auth.user_role_l l ON l.user_hk = p.user_hk
            JOIN auth.role_h h ON h.role_hk = l.role_hk
            WHERE lower(p.username) = lower(s.usename)
              AND p.load_end_date IS NULL
              AND h.role_bk = ANY (?::text[]))
