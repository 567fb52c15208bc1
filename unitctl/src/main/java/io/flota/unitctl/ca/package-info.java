/// `unitctl ca`: a small certificate authority for the certificates of one cluster.
package io.flota.unitctl.ca;
