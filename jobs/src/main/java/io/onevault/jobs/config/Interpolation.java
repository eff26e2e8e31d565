package io.onevault.jobs.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces <code>${NAME}</code> by an environment variable and <code>${file:/path}</code> by a
 * file's content without its trailing newline. <code>$${</code> stands for <code>${</code>. What
 * was put in is not looked at again.
 */
final class Interpolation {

    /** A secret is short; a larger file is a mistake, and is not read into memory. */
    private static final long LARGEST_FILE = 64 * 1024;

    private static final String FILE = "file:";

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*");

    private final UnaryOperator<@Nullable String> environment;
    private final Path base;

    /**
     * @param environment variable name to value, null when unset
     * @param base folder that relative paths are taken from
     */
    Interpolation(UnaryOperator<@Nullable String> environment, Path base) {
        this.environment = environment;
        this.base = base;
    }

    /** A placeholder that stands for nothing; says what is wrong and the remedy. */
    static final class Unresolved extends Exception {
        private static final long serialVersionUID = 1L;

        private final String what;
        private final String remedy;

        Unresolved(String what, String remedy) {
            super(what);
            this.what = what;
            this.remedy = remedy;
        }

        String what() {
            return what;
        }

        String remedy() {
            return remedy;
        }
    }

    String resolve(String written) throws Unresolved {
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (true) {
            int open = written.indexOf("${", at);
            if (open < 0) {
                return text.append(written, at, written.length()).toString();
            }
            if (open > at && written.charAt(open - 1) == '$') {
                text.append(written, at, open - 1).append("${");
                at = open + 2;
                continue;
            }
            int close = written.indexOf('}', open);
            if (close < 0) {
                throw new Unresolved(
                        "has a ${ without its }", "close it, or write $${ for the characters");
            }
            text.append(written, at, open).append(lookUp(written.substring(open + 2, close)));
            at = close + 1;
        }
    }

    private String lookUp(String name) throws Unresolved {
        if (name.startsWith(FILE)) {
            return content(name.substring(FILE.length()));
        }
        if (!NAME.matcher(name).matches()) {
            // Not quoted: it may be the middle of a password that happens to hold the characters.
            throw new Unresolved(
                    "has a ${…} that names no environment variable",
                    "write ${NAME} or ${file:/path}, or $${ for the characters");
        }
        String value = environment.apply(name);
        if (value == null) {
            throw new Unresolved(
                    "needs the environment variable " + name + ", which is not set",
                    "set it for the process that reads this file, or write ${file:/path}");
        }
        return value;
    }

    private String content(String name) throws Unresolved {
        try {
            Path path = base.resolve(name);
            if (Files.isDirectory(path)) {
                throw new Unresolved("names " + name + ", which is a folder", "name a file in it");
            }
            if (!Files.exists(path)) {
                throw new Unresolved(
                        "needs the file " + name + ", which does not exist",
                        "create it, readable for this user only, or correct the path");
            }
            if (Files.size(path) > LARGEST_FILE) {
                throw new Unresolved(
                        "names " + name + ", which is too large", "name the right file");
            }
            return Files.readString(path).replaceFirst("\\R\\z", "");
        } catch (CharacterCodingException e) {
            throw new Unresolved(
                    "names " + name + ", which is not UTF-8", "store it as UTF-8 text");
        } catch (IOException e) {
            throw new Unresolved(
                    "needs the file " + name + ", which cannot be read",
                    "let the user that runs this read it");
        } catch (InvalidPathException e) {
            throw new Unresolved("names a file that cannot exist", "correct the path");
        }
    }
}
