// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import java.io.InputStream;
import java.io.PrintStream;
import java.security.Principal;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.time.Duration;
import java.util.Optional;
import javax.security.auth.Subject;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.SessionFactory;
import org.osgi.framework.Bundle;

/** Runs command lines in sessions of their own, once there is a shell. */
final class Shell {
    private final Duration patience;
    private final Optional<Subject> user;
    private SessionFactory factory;

    /**
     * @param patience how long a command waits for the shell to come
     */
    Shell(Duration patience, Optional<Subject> user) {
        this.patience = patience;
        this.user = user;
    }

    synchronized void arrived(SessionFactory f) {
        factory = f;
        notifyAll();
    }

    synchronized void left(SessionFactory f) {
        if (factory == f) {
            factory = null;
        }
    }

    private synchronized SessionFactory await() throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (factory == null) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new IllegalStateException(
                        "no shell came up within "
                                + patience.toSeconds()
                                + " s: is org.apache.karaf.shell.core installed and started?");
            }
            wait(left);
        }
        return factory;
    }

    /** Runs one line; whatever it throws is the command's failure. */
    void run(String line, PrintStream out, PrintStream err) throws Exception {
        SessionFactory f = await();
        PrivilegedExceptionAction<Void> action =
                () -> {
                    try (Session session =
                            f.create(
                                    InputStream.nullInputStream(),
                                    out,
                                    err,
                                    new HeadlessParent(f, out))) {
                        Object result = session.execute(line);
                        if (result != null) {
                            out.println(result);
                        }
                    }
                    return null;
                };
        if (user.isEmpty()) {
            action.run();
            return;
        }
        try {
            Subject.doAs(user.get(), action);
        } catch (PrivilegedActionException e) {
            throw e.getException();
        }
    }

    /**
     * Karaf's command access lists know roles only. Who can reach the socket owns the process, so
     * it gets them all. By reflection, because a plain Felix has no such class.
     *
     * @return empty where there are no such roles
     */
    static Optional<Subject> karafUser(Bundle system) {
        try {
            Class<?> role = system.loadClass("org.apache.karaf.jaas.boot.principal.RolePrincipal");
            Subject subject = new Subject();
            for (String name : new String[] {"admin", "manager", "viewer", "systembundles"}) {
                subject.getPrincipals()
                        .add((Principal) role.getConstructor(String.class).newInstance(name));
            }
            return Optional.of(subject);
        } catch (ReflectiveOperationException e) {
            return Optional.empty();
        }
    }
}
