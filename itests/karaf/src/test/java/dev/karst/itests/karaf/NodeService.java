// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertSame;

import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/** The core's component, recognised by its object: a restart would make another one. */
record NodeService(BundleContext context, long id, Object object) {

    private static final String NAME = "dev.karst.Node";
    private static final long WAIT_MILLIS = 30_000;

    static NodeService await(BundleContext context) throws InterruptedException {
        ServiceTracker<Object, Object> tracker = new ServiceTracker<>(context, NAME, null);
        tracker.open();
        try {
            Object node = tracker.waitForService(WAIT_MILLIS);
            assertNotNull("no " + NAME + " service after " + WAIT_MILLIS + " ms", node);
            return new NodeService(context, id(tracker.getServiceReference()), node);
        } finally {
            tracker.close();
        }
    }

    void assertSameInstance(String after) {
        ServiceReference<?> reference = context.getServiceReference(NAME);
        assertNotNull("the node is gone after " + after, reference);
        assertEquals("the node is another service after " + after, id, id(reference));
        Object now = context.getService(reference);
        context.ungetService(reference);
        assertSame("the node is another instance after " + after, object, now);
    }

    private static long id(ServiceReference<?> reference) {
        return (Long) reference.getProperty(Constants.SERVICE_ID);
    }
}
