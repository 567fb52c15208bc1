package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import com.google.common.net.InetAddresses;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// A port of the container that the machine answers on.
///
/// @param ip of the machine; all of its addresses if empty
/// @param host a port, or several of which Docker takes a free one (`8000-8010`); any free one if empty
/// @param protocol `tcp`, `udp` or `sctp`
record PublishedPort(Optional<String> ip, Optional<String> host, int container, String protocol) {
    private static final Pattern FORM = Pattern.compile(
            "(?:(?:(\\[[0-9a-fA-F:.]+]|[0-9.]*):)?([0-9-]*):)?([0-9]+(?:-[0-9]+)?)(?:/(tcp|udp|sctp))?");
    private static final Pattern EXPOSED = Pattern.compile("([0-9]+(?:-[0-9]+)?)(?:/(tcp|udp|sctp))?");
    private static final int LAST = 65_535;

    /// `8080:80`, `127.0.0.1:8080:80/udp`, `[::1]::80`, `80`, `8000-8010:80-90`; one for each port of a range.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    static ImmutableList<PublishedPort> parse(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("is not written as [[ADDRESS:]PORT:]PORT[/tcp|udp|sctp], such as 8080:80"
                    + " or 127.0.0.1:8080:80/udp");
        }
        var ip = Optional.ofNullable(form.group(1)).filter(address -> !address.isEmpty()).map(PublishedPort::address);
        var container = Range.parse(form.group(3));
        var protocol = Optional.ofNullable(form.group(4)).orElse("tcp");
        if (form.group(2) == null || form.group(2).isEmpty()) {
            return container.each(port -> new PublishedPort(ip, Optional.empty(), port, protocol));
        }
        var host = Range.parse(form.group(2));
        if (container.size() == 1) {
            return ImmutableList.of(new PublishedPort(ip, Optional.of(host.toString()), container.first, protocol));
        }
        if (host.size() != container.size()) {
            throw new IllegalArgumentException(
                    "its ranges differ in length: " + host.size() + " and " + container.size() + " ports");
        }
        return container.each(port -> new PublishedPort(
                ip, Optional.of(Integer.toString(host.first + port - container.first)), port, protocol));
    }

    /// `80`, `80/udp`, `50-59`; each as Docker writes it.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    static ImmutableList<String> parseExposed(String text) {
        var form = EXPOSED.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("is not written as PORT[-PORT][/tcp|udp|sctp], such as 80 or 50-59/udp");
        }
        var protocol = Optional.ofNullable(form.group(2)).orElse("tcp");
        return Range.parse(form.group(1)).each(port -> port + "/" + protocol);
    }

    private static String address(String text) {
        var bare = text.startsWith("[") ? text.substring(1, text.length() - 1) : text;
        if (!InetAddresses.isInetAddress(bare)) {
            throw new IllegalArgumentException("\"" + bare + "\" is not an address");
        }
        return bare;
    }

    private record Range(int first, int last) {
        static Range parse(String text) {
            var ends = text.split("-", -1);
            if (ends.length > 2) {
                throw new IllegalArgumentException("\"" + text + "\" is not a range of ports such as 8000-8010");
            }
            var range = new Range(port(ends[0]), port(ends[ends.length - 1]));
            if (range.last < range.first) {
                throw new IllegalArgumentException("the range " + text + " ends before it begins");
            }
            return range;
        }

        private static int port(String text) {
            int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
            if (port < 1 || port > LAST) {
                throw new IllegalArgumentException("\"" + text + "\" is not a port from 1 to " + LAST);
            }
            return port;
        }

        int size() {
            return last - first + 1;
        }

        <T> ImmutableList<T> each(IntFunction<T> each) {
            return IntStream.rangeClosed(first, last)
                    .mapToObj(each)
                    .collect(ImmutableList.toImmutableList());
        }

        @Override
        public String toString() {
            return first == last ? Integer.toString(first) : first + "-" + last;
        }
    }
}
