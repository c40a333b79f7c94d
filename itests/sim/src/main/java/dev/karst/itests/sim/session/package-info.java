// SPDX-License-Identifier: Apache-2.0
/** Whole nodes in the simulated world, and seeds of what a session must survive. */
package dev.karst.itests.sim.session;
