package io.onevault.sql;

import org.flywaydb.core.api.logging.Log;
import org.flywaydb.core.api.logging.LogCreator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends all Flyway has to say to the debug log: what was done is in the {@link DeployReport}, what
 * failed in the {@link DeployException}. Flyway finds the class by its name.
 */
public final class QuietFlywayLog implements LogCreator {

    @Override
    public Log createLogger(Class<?> origin) {
        Logger logger = LoggerFactory.getLogger(origin);
        return new Log() {
            @Override
            public boolean isDebugEnabled() {
                return logger.isDebugEnabled();
            }

            @Override
            public void debug(String message) {
                logger.debug(message);
            }

            @Override
            public void info(String message) {
                logger.debug(message);
            }

            @Override
            public void warn(String message) {
                logger.debug(message);
            }

            @Override
            public void error(String message) {
                logger.debug(message);
            }

            @Override
            public void error(String message, Exception failure) {
                logger.debug(message, failure);
            }

            @Override
            public void notice(String message) {
                logger.debug(message);
            }
        };
    }
}
