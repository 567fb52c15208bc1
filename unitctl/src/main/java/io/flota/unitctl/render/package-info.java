/// Values into text. Pure: no streams, no clock.
package io.flota.unitctl.render;
