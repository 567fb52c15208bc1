/// `unitctl ca`: a small certificate authority for the certificates of one cluster.
///
/// The only package that knows Bouncy Castle, whose classes are loaded for nothing else.
package io.flota.unitctl.ca;
