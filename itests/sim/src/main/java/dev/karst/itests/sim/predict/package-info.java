// SPDX-License-Identifier: Apache-2.0
/** Port prediction and the birthday spread between simulated homes: tests and statistics. */
package dev.karst.itests.sim.predict;
