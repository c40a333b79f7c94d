// SPDX-License-Identifier: Apache-2.0
/** A port predictor as a vendor would write it. */
package com.example.predictor;
