package io.flota.unitctl.ssh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// How this operator's `ssh` reaches machines. Pure: it only writes command lines.
///
/// @param timeout for a connection
/// @param knownHosts files of host keys, as ssh takes them; none: what ssh's own settings say
/// @param strict whether a host's key must be known, or be accepted by the operator; false: any will do, and none is
/// remembered
/// @param tunnel `host` or `host:port`, by way of which the others are reached
public record SshAccess(
        String user, Duration timeout, List<String> knownHosts, boolean strict, Optional<String> tunnel) {
    private static final String NOWHERE = "/dev/null";
    /// Names, IPv4 and IPv6 with its zone; nothing that a shell or ssh could take for something else.
    private static final Pattern ADDRESS = Pattern.compile("[0-9A-Za-z:][0-9A-Za-z._:%-]*");

    /// Whether this may be handed to ssh, whoever has written it.
    public static boolean isAddress(String text) {
        return ADDRESS.matcher(text).matches();
    }

    /// ssh to a machine.
    ///
    /// @param flags of ssh besides
    /// @param command empty: a shell
    public List<String> to(String host, Optional<Integer> port, List<String> flags, List<String> command) {
        var words = new ArrayList<>(List.of("ssh"));
        words.addAll(options());
        tunnel.ifPresent(via -> words.addAll(List.of("-o", "ProxyCommand=" + proxy(via, host, port))));
        port.ifPresent(number -> words.addAll(List.of("-p", Integer.toString(number))));
        words.addAll(flags);
        words.add("--");
        words.add(host);
        words.addAll(command);
        return words;
    }

    /// ssh to the host of the tunnel itself.
    List<String> toTunnel(String via, List<String> flags, List<String> command) {
        var words = new ArrayList<>(List.of("ssh"));
        words.addAll(options());
        words.addAll(portOf(via));
        words.addAll(flags);
        words.add("--");
        words.add(hostOf(via));
        words.addAll(command);
        return words;
    }

    private List<String> options() {
        var words = new ArrayList<>(List.of("-l", user, "-o", "ConnectTimeout=" + seconds()));
        if (!strict) {
            words.addAll(List.of(
                    "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=" + NOWHERE,
                    "-o", "GlobalKnownHostsFile=" + NOWHERE, "-o", "LogLevel=ERROR"));
            return words;
        }
        words.addAll(List.of("-o", "StrictHostKeyChecking=ask"));
        if (!knownHosts.isEmpty()) {
            String files = knownHosts.stream().map(SshAccess::quoted).collect(Collectors.joining(" "));
            words.addAll(List.of("-o", "UserKnownHostsFile=" + files));
        }
        return words;
    }

    /// At least one: 0 would be for ever.
    private long seconds() {
        return Math.max(1, timeout.plusMillis(999).toSeconds());
    }

    /// `ProxyJump` would not take these options to the host on the way. The host is written out, since ssh would not
    /// quote what it puts in the place of `%h`; in that of `%p` it puts a number.
    private String proxy(String via, String host, Optional<Integer> port) {
        String options = toTunnel(via, List.of(), List.of()).stream()
                .skip(1) // "ssh"
                .map(SshAccess::shellWord)
                .collect(Collectors.joining(" "));
        return "ssh -W " + shellWord("[" + host + "]:") + port.map(String::valueOf).orElse("%p") + " " + options;
    }

    /// A word for the shell, behind ssh, which takes `%` for the begin of something.
    private static String shellWord(String word) {
        return "'" + word.replace("'", "'\\''").replace("%", "%%") + "'";
    }

    private static String quoted(String file) {
        return file.contains(" ") ? "\"" + file + "\"" : file;
    }

    private static List<String> portOf(String via) {
        int colon = colon(via);
        return colon < 0 ? List.of() : List.of("-p", via.substring(colon + 1));
    }

    private static String hostOf(String via) {
        int colon = colon(via);
        String host = colon < 0 ? via : via.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /// Of the port; a bare IPv6 address has none.
    private static int colon(String via) {
        int last = via.lastIndexOf(':');
        boolean bareIpv6 = via.indexOf(':') != last && !via.startsWith("[");
        return last < 0 || bareIpv6 || via.endsWith("]") ? -1 : last;
    }
}
