// SPDX-License-Identifier: Apache-2.0
package dev.karst.distribution.lite;

import javax.security.auth.Subject;

/**
 * Stands in for {@code Subject.getSubject(AccessControlContext)}, which only throws since Java 24.
 * Nobody logs in to a lite node: the exec socket's folder is the guard. So there is no subject.
 */
public final class Subjects {

    private Subjects() {}

    @SuppressWarnings("removal")
    public static Subject getSubject(java.security.AccessControlContext ignored) {
        return null;
    }
}
