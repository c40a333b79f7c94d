// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.impl.action.command.ManagerImpl;
import org.apache.karaf.shell.impl.console.SessionFactoryImpl;

/** Karaf's own shell with all commands of this bundle. */
final class ShellWorld implements AutoCloseable {
    record Ran(String out, Exception failure) {
        String failed() {
            return failure == null ? "" : failure.getMessage();
        }
    }

    final Map<String, Class<?>> commands = new TreeMap<>();
    final SessionFactoryImpl factory;

    /** There can be one in a JVM; it stays. */
    private static final ThreadIOImpl THREAD_IO = new ThreadIOImpl();

    static {
        THREAD_IO.start();
    }

    /**
     * @param services Node, Admin, Tunnels, as far as they are there
     */
    ShellWorld(Object... services) throws Exception {
        factory = new SessionFactoryImpl(THREAD_IO);
        for (Object service : services) {
            factory.getRegistry().register(service);
        }
        ManagerImpl manager = new ManagerImpl(factory.getRegistry(), factory.getRegistry());
        for (Class<?> c : services()) {
            Command command = c.getAnnotation(Command.class);
            if (command != null) {
                commands.put(command.name(), c);
            }
            manager.register(c);
        }
    }

    /** What Karaf's extender finds by the header. */
    private static List<Class<?>> services() throws ClassNotFoundException {
        List<Class<?>> found = new ArrayList<>();
        for (String file : new File("target/classes/dev/karst/shell").list()) {
            if (file.endsWith(".class") && !file.startsWith("package-info")) {
                Class<?> c = Class.forName("dev.karst.shell." + file.replace(".class", ""));
                if (c.isAnnotationPresent(Service.class)) {
                    found.add(c);
                }
            }
        }
        return found;
    }

    Ran run(String line) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Exception failure = null;
        try (Session session = factory.create(InputStream.nullInputStream(), out, out)) {
            Object result = session.execute(line);
            if (result != null) {
                out.println(result);
            }
        } catch (Exception e) {
            failure = e;
        }
        out.flush();
        return new Ran(bytes.toString(StandardCharsets.UTF_8), failure);
    }

    @Override
    public void close() {
        factory.stop();
    }
}
