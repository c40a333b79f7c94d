// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import org.osgi.framework.Bundle;

/** What cannot be replaced while it runs, and what to do instead. */
final class Floor {
    private Floor() {}

    /**
     * @throws Refused with the reason and another way
     */
    static void check(Bundle b, String version) throws Refused {
        String why = why(b.getSymbolicName());
        if (why != null) {
            throw new Refused(b.getSymbolicName() + ": " + why + "; " + restart(version));
        }
        if (!Jar.provides(b.getHeaders("").get("Provide-Capability"))) {
            throw new Refused(
                    b.getSymbolicName()
                            + " is no provider: two of it cannot work side by side. In place, with"
                            + " a pause: bundle:update "
                            + b.getBundleId()
                            + " URL");
        }
    }

    private static String why(String name) {
        if (name.equals("dev.karst") || name.equals("dev.karst.spi")) {
            return "everything is wired to it and restarts with it";
        }
        if (name.equals("dev.karst.core")) {
            return "the sessions live in it and end with it";
        }
        if (name.startsWith("dev.karst.dep.")) {
            return "who uses this library is wired to it and restarts with it";
        }
        return null;
    }

    /** The planned restart: everything at once, and the peers connect again. */
    static String restart(String version) {
        return "plan a restart instead (feature:repo-add the features of "
                + version
                + ", then feature:install --upgrade karst): the peers see their sessions suspended"
                + " and back, and pipes begin anew";
    }
}
