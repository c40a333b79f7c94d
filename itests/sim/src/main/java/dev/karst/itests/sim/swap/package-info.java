// SPDX-License-Identifier: Apache-2.0
/** Providers replaced, removed and gone mad while networks fail as well, by seeds. */
package dev.karst.itests.sim.swap;
