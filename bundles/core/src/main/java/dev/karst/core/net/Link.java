// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.NetDriver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The thread between one channel and one driver, cut when they part: a driver that keeps its end
 * keeps nothing of the core, and the core nothing of the driver. Every call into the driver may
 * throw anything, for its bundle may be gone.
 */
final class Link implements NetDriver.Readiness {
    private volatile Driven target;
    private NetDriver driver;
    private NetDriver.Drive drive;

    Link(Driven target, NetDriver driver) {
        this.target = target;
        this.driver = driver;
    }

    /** Registers the channel; false if the driver would not have it. */
    boolean tie() {
        try {
            drive = driver.drive(target.channel, this);
            return drive != null;
        } catch (Throwable e) {
            target = null;
            driver = null;
            return false;
        }
    }

    boolean of(NetDriver d) {
        return driver == d;
    }

    @Override
    public void ready(int ops) {
        Driven d = target;
        if (d != null) {
            d.turn(this, ops);
        }
    }

    void interest(int ops) {
        Driven d = target;
        try {
            drive.interest(ops);
        } catch (Throwable e) {
            if (d != null) {
                d.refused(this);
            } // else it was let go, and the next driver is told the interest set anew
        }
    }

    /** False if the driver would not run it. */
    boolean execute(Runnable task) {
        try {
            drive.execute(task);
            return true;
        } catch (Throwable e) {
            return false;
        }
    }

    /** Cuts the thread; no call comes through from now on, but one may be under way. */
    CompletionStage<Void> cut() {
        NetDriver.Drive d = drive;
        target = null;
        driver = null;
        drive = null;
        try {
            return d.release();
        } catch (Throwable e) {
            return CompletableFuture.completedFuture(null); // nothing left to wait for
        }
    }
}
