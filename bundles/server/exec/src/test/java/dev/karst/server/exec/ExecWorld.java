// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.karaf.shell.api.console.Command;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Parser;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.impl.console.SessionFactoryImpl;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** An exec server with Karaf's own shell behind it, and a framework that only knows to stop. */
final class ExecWorld implements AutoCloseable {
    /** A command as the tests write it. */
    interface Body {
        Object run(Session session, List<Object> arguments) throws Exception;
    }

    record Ran(int status, String out, String err) {}

    final CountDownLatch frameworkStopped = new CountDownLatch(1);
    final ThreadIOImpl threadIo = new ThreadIOImpl();
    final SessionFactoryImpl factory;
    final ExecServer server;

    ExecWorld(Path base) throws IOException {
        threadIo.start();
        factory = new SessionFactoryImpl(threadIo);
        server = new ExecServer(context(base), settings(""));
        server.bindFactory(factory);
        command("say", (s, a) -> say(String.valueOf(a)));
    }

    private static Object say(String text) {
        System.out.println(text);
        return null;
    }

    void command(String name, Body body) {
        factory.getRegistry().register(new TestCommand(name, body));
    }

    Ran run(String line) {
        return run(server.socket(), line);
    }

    static Ran run(Path socket, String line) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = ExecClient.run(socket, line, new PrintStream(out), new PrintStream(err));
        return new Ran(
                status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    BundleContext context(Path base) {
        Bundle system =
                proxy(
                        Bundle.class,
                        (method, args) -> {
                            if (method.equals("stop")) {
                                frameworkStopped.countDown();
                            } else if (method.equals("loadClass")) {
                                return load((String) args[0]);
                            }
                            return null;
                        });
        return proxy(
                BundleContext.class,
                (method, args) ->
                        switch (method) {
                            case "getBundle" -> system;
                            case "getProperty" ->
                                    args[0].equals("karst.base") ? base.toString() : null;
                            default -> null;
                        });
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T> T proxy(Class<T> type, BiFunction<String, Object[], Object> body) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (p, method, args) -> body.apply(method.getName(), args)));
    }

    static ExecSettings settings(String socket) {
        return new ExecSettings() {
            @Override
            public String socket() {
                return socket;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return ExecSettings.class;
            }
        };
    }

    @Override
    public void close() throws Exception {
        server.stop();
        factory.stop();
        threadIo.stop();
    }

    static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(n -> n.startsWith("karst-exec"))
                .toList();
    }

    static void await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(5, TimeUnit.SECONDS)) {
            throw new AssertionError("nothing came within 5 s");
        }
    }

    private record TestCommand(String name, Body body) implements Command {
        @Override
        public String getScope() {
            return "test";
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public String getDescription() {
            return name;
        }

        @Override
        public Completer getCompleter(boolean scoped) {
            return null;
        }

        @Override
        public Parser getParser() {
            return null;
        }

        @Override
        public Object execute(Session session, List<Object> arguments) throws Exception {
            return body.run(session, arguments);
        }
    }
}
