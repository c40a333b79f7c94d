// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

/** A promise was broken. */
final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Which. */
    enum Promise {
        SESSION,
        BYTES,
        BESIDE,
        OTHER
    }

    private final Promise promise;
    private final String story;

    Broken(Promise promise, String what, String story) {
        super(what);
        this.promise = promise;
        this.story = story;
    }

    Promise promise() {
        return promise;
    }

    /** What was done, and how things stood. */
    String story() {
        return story;
    }
}
