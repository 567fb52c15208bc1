/// Files and folders on their way, as tars.
package io.flota.unitctl.archive;
