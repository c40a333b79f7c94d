// SPDX-License-Identifier: Apache-2.0
/**
 * Replaces provider bundles and features of a running Karaf: the new version beside the old one,
 * tried on a share of the peers, then the old one is drained and goes. What is worse goes instead.
 */
package dev.karst.upgrade;
