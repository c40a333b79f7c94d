// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.EnumSet;
import org.apache.karaf.shell.api.console.History;
import org.apache.karaf.shell.api.console.Registry;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.SessionFactory;
import org.apache.karaf.shell.api.console.Signal;
import org.apache.karaf.shell.api.console.SignalListener;
import org.apache.karaf.shell.api.console.Terminal;

/**
 * The parent of sessions that have none. Without a parent Karaf asks JAAS for the user, which
 * throws on Java 24 and later, and gives the session no terminal, which some commands fall over.
 */
final class HeadlessParent implements Session, Terminal {
    private final SessionFactory factory;
    private final PrintStream console;

    HeadlessParent(SessionFactory factory, PrintStream console) {
        this.factory = factory;
        this.console = console;
    }

    @Override
    public Object get(String name) {
        return switch (name) {
            case SCOPE -> "karst:shell:bundle:feature:*";
            case SUBSHELL -> "";
            default -> null;
        };
    }

    @Override
    public void put(String name, Object value) {}

    @Override
    public Object execute(CharSequence line) {
        throw new UnsupportedOperationException();
    }

    @Override
    public InputStream getKeyboard() {
        return InputStream.nullInputStream();
    }

    @Override
    public PrintStream getConsole() {
        return console;
    }

    @Override
    public String readLine(String prompt, Character mask) {
        throw new UnsupportedOperationException("nobody can answer here");
    }

    @Override
    public Terminal getTerminal() {
        return this;
    }

    @Override
    public History getHistory() {
        return null;
    }

    @Override
    public Registry getRegistry() {
        return factory.getRegistry();
    }

    @Override
    public SessionFactory getFactory() {
        return factory;
    }

    @Override
    public String resolveCommand(String name) {
        return name;
    }

    @Override
    public Path currentDir() {
        return Path.of(System.getProperty("user.dir"));
    }

    @Override
    public void currentDir(Path path) {}

    @Override
    public void run() {}

    @Override
    public void close() {}

    @Override
    public String getType() {
        return "dumb";
    }

    @Override
    public int getWidth() {
        return 120;
    }

    @Override
    public int getHeight() {
        return 40;
    }

    @Override
    public boolean isAnsiSupported() {
        return false;
    }

    @Override
    public boolean isEchoEnabled() {
        return false;
    }

    @Override
    public void setEchoEnabled(boolean enabled) {}

    @Override
    public void addSignalListener(SignalListener listener, Signal... signals) {}

    @Override
    public void addSignalListener(SignalListener listener, EnumSet<Signal> signals) {}

    @Override
    public void addSignalListener(SignalListener listener) {}

    @Override
    public void removeSignalListener(SignalListener listener) {}
}
