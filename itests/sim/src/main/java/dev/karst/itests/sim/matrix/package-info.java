// SPDX-License-Identifier: Apache-2.0
/** Whole nodes behind every pair of NATs: which meet, how, how fast, and what their bytes say. */
package dev.karst.itests.sim.matrix;
