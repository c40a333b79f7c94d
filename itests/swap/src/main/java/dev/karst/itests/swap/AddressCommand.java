// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.Node;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;

/** Prints the address of this node with its places, so that it is reached without a broker. */
@Service
@Command(scope = "itest", name = "address", description = "The address of this node with places")
public final class AddressCommand implements Action {
    @Reference private Node node;

    @Override
    public Object execute() {
        System.out.println(node.address().withCandidates(node.listening()));
        return null;
    }
}
