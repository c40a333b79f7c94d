// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.KarstException;
import dev.karst.Node;
import dev.karst.admin.Admin;
import dev.karst.admin.Upgrades;
import dev.karst.tunnel.Tunnels;
import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.CommandException;

/**
 * What all commands share. The services are optional so that the commands stay when the core
 * restarts, and can say what is missing instead of being unknown.
 */
abstract class KarstCommand implements Action {
    @Reference(optional = true)
    private Node node;

    @Reference(optional = true)
    private Admin admin;

    @Reference(optional = true)
    private Tunnels tunnels;

    @Reference(optional = true)
    private Upgrades upgrades;

    @Reference private Session session;

    @Override
    public final Object execute() throws Exception {
        try {
            run(System.out);
            return null;
        } catch (KarstException e) {
            throw Failures.of(e);
        } catch (IllegalArgumentException e) {
            throw Failures.because(e.getMessage(), e);
        } catch (InterruptedException e) {
            throw Failures.because("interrupted", e);
        }
    }

    /**
     * Does the work, on the shell's thread, which may block.
     *
     * @throws CommandException with a message that says what to do
     */
    abstract void run(PrintStream out) throws Exception;

    final Node node() throws CommandException {
        return present(node, "no node runs here: is dev.karst.core installed and started?");
    }

    final Admin admin() throws CommandException {
        return present(admin, "no node runs here: is dev.karst.core installed and started?");
    }

    final Tunnels tunnels() throws CommandException {
        return present(
                tunnels, "there are no tunnels: install the bundle dev.karst.gateway.tunnel");
    }

    final Upgrades upgrades() throws CommandException {
        return present(
                upgrades,
                "nothing here can make a new version the installed one: in Karaf, feature:install"
                        + " karst-upgrade; elsewhere install the new bundle beside the old one,"
                        + " karst:drain the old one and stop it");
    }

    final Session session() {
        return session;
    }

    private static <T> T present(T service, String otherwise) throws CommandException {
        if (service == null) {
            throw Failures.because(otherwise, null);
        }
        return service;
    }
}
