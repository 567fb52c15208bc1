package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flota.agent.runtime.docker.ContainerSettings.Health;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerReaderTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            Image=Web | is not the name of an image
            Image=web.image | there are no .image and .build units
            Image=docker://web | name the image without docker://
            Image=%z | is no specifier
            Pull=sometimes | "sometimes" is not one of missing, always, newer, never
            Notify=yes | "yes" is not one of healthy, no, false
            HealthOnFailure=panic | "panic" is not one of none, kill, restart, stop
            HealthInterval=disable | use HealthCmd=none
            HealthInterval=0 | no less than 1ms
            HealthRetries=0 | is not a whole number from 1
            HealthCmd=[1 | is not a list in JSON
            Entrypoint=[] | the list is empty
            Exec=sh -c 'sleep | is never closed
            Environment=A | is no NAME=value
            EnvironmentFile=env | is not an absolute path
            PublishPort=80:80:80:80 | is not written as
            PublishPort=0:80 | is not a port from 1 to 65535
            PublishPort=70000 | is not a port from 1 to 65535
            PublishPort=8000-8001:80-82 | its ranges differ in length
            PublishPort=81-80:81-80 | ends before it begins
            PublishPort=1.2.3:80:80 | is not an address
            PublishPort=80/icmp | is not written as
            ExposeHostPort=a | is not written as
            Volume=data.volume:/data | there are no .volume units
            Volume=./data:/data | is neither an absolute path nor the name of a volume
            Volume=/data:data | is not an absolute path
            Volume=/data:/data:U | its option "U" is none of Docker's
            Volume=/a:/b:/c:/d | is not written as
            Mount=type=bind,target=/data | it has no source=
            Mount=type=image,source=web,target=/data | mounts of type image are Podman's
            Mount=type=tmpfs,target=/data,notmpcopyup | is none of Docker's for type=tmpfs
            Mount=type=bind,source=/a | it has no target=
            Mount=type=bind,source=/a,target=/b,target=/c | its option "target" is given twice
            Tmpfs=work | is not an absolute path
            AddDevice=null | is not written as /dev/NAME
            AddDevice=/dev/null:rwx | is not some of r, w and m
            AddCapability=CAP_FLY | is not a capability
            Sysctl=vm.swappiness=1 | is one for the whole machine
            Sysctl=net.core.somaxconn | is not written as NAME=VALUE
            Ulimit=files=1 | is not written as
            Ulimit=nofile=2:1 | the soft limit is above the hard one
            Ulimit=host | name them
            Memory=much | is not a size
            Memory=1m | Docker gives no container less than 6M
            PidsLimit=0 | is not a whole number from 1
            ShmSize=-1 | is not a size
            StopSignal=SIGSTOPP | is not a signal
            StopTimeout=soon | is not a span of time
            ContainerName=a/b | is not a name of Docker's
            Network=web.network | there are no units for networks
            Network=pasta | is Podman's
            Network=front:mtu=9000 | is none that Docker has
            IP=10.0.0.9 | need a Network= that was made
            DNS=none | is not the address of a server
            AddHost=db | is not written as NAME:ADDRESS
            GroupAdd=keep-groups | name them
            Group=1 | there is a Group= in [Container] and no User=
            UserNS=auto | "auto" is not one of host
            LogDriver=k8s-file | Podman's k8s-file is json-file
            Label==b | has no name in front of =
            Label=io.flota.unit=mine | is the agent's own
            Timezone=../etc | is neither local nor a time zone
            WorkingDir=srv | is not an absolute path
            PodmanArgs=--privileged | there is no podman command line
            ReadOnly=maybe | is neither yes nor no
            """)
    void whatCannotBeUnderstoodKeepsTheUnitFromBeingLoaded(String line, String because) {
        var image = line.startsWith("Image=") ? "" : "Image=web\n";

        var refusal = catchThrowableOfType(
                UnitFileException.class, () -> Settings.read("[Container]\n" + image + line + "\n"));

        assertThat(refusal.problems()).singleElement().asString().startsWith("web@1.service:").contains(because);
    }

    @Test
    void allProblemsAreSaidAtOnceWithTheirLines() {
        var refusal = catchThrowableOfType(UnitFileException.class, () -> Settings.read("""
                [Container]
                PublishPort=x
                Memory=x
                [Service]
                ExecStart=/bin/true
                User=me
                Type=forking
                """));

        assertThat(refusal.problems()).hasSize(6);
        assertThat(String.join("\n", refusal.problems()))
                .contains("web@1.service:2: PublishPort=x: ", "web@1.service:3: Memory=x: ",
                        "web@1.service:5: ExecStart=/bin/true: what runs is Image= and Exec= in [Container].",
                        "web@1.service:6: User=me: say it in [Container].",
                        "web@1.service:7: Type=forking: a container's type is notify or oneshot.",
                        "web@1.service: there is no Image= in [Container], nothing to run. Add one.");
    }

    @Test
    void whatIsUnknownIsNamed() throws UnitFileException {
        var read = Settings.read("""
                [Container]
                Image=web
                Publish=80
                [Service]
                FlyTo=moon
                [Pod]
                PodName=web
                """);

        assertThat(read.ignored()).containsExactly("Publish=", "FlyTo=", "[Pod]");
    }

    @Test
    void specifiersAreExpandedEverywhere() throws UnitFileException {
        var settings = Settings.of(
                "ContainerName=%p-%i", "Exec=serve --name=%n %%", "PublishPort=808%i:80", "Volume=/srv/%i:/srv",
                "Environment=HOST=%H", "Label=unit=%N", "HealthCmd=check %i", "HostName=%p%i", "Tmpfs=/scratch/%i");

        assertThat(settings.name()).isEqualTo("web-1");
        assertThat(settings.program().command()).containsExactly("serve", "--name=web@1.service", "%");
        assertThat(settings.networking().ports()).singleElement().satisfies(port ->
                assertThat(port.host()).contains("8081"));
        assertThat(settings.storage().binds()).containsExactly("/srv/1:/srv");
        assertThat(settings.program().environment()).containsEntry("HOST", "node-1");
        assertThat(settings.labels()).containsEntry("unit", "web@1");
        assertThat(settings.health().orElseThrow().test()).containsExactly("CMD-SHELL", "check 1");
        assertThat(settings.networking().hostName()).contains("web1");
        assertThat(settings.storage().tmpfs()).containsKey("/scratch/1");
    }

    @Test
    void anEmptyAssignmentForgetsWhatWasSaidBefore() throws UnitFileException {
        var settings = Settings.of("PublishPort=80:80", "PublishPort=", "PublishPort=81:81", "Memory=64m", "Memory=");

        assertThat(settings.networking().ports()).singleElement().satisfies(port ->
                assertThat(port.container()).isEqualTo(81));
        assertThat(settings.limits().memory()).isEmpty();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            80 | any *:->80/tcp
            8080:80/udp | *:8080->80/udp
            127.0.0.1:8080:80 | 127.0.0.1:8080->80/tcp
            [::1]:8080:80 | ::1:8080->80/tcp
            127.0.0.1::80 | any 127.0.0.1:->80/tcp
            8000-8001:80-81 | *:8000->80/tcp *:8001->81/tcp
            8000-8010:80 | *:8000-8010->80/tcp
            80-81/sctp | any *:->80/sctp any *:->81/sctp
            """)
    void portsAreReadAsPodmanReadsThem(String value, String ports) throws UnitFileException {
        assertThat(Settings.of("PublishPort=" + value).networking().ports())
                .extracting(port -> (port.host().isEmpty() ? "any " : "") + port.ip().orElse("*") + ":"
                        + port.host().orElse("") + "->" + port.container() + "/" + port.protocol())
                .containsExactly(ports.split(" (?!\\*:->|127.0.0.1:->)"));
    }

    @ParameterizedTest(name = "{0}: {1} at {2}, called {3}")
    @CsvSource(textBlock = """
            web, web, latest, web:latest
            web:2.4, web, 2.4, web:2.4
            docker.io/library/web:2.4, docker.io/library/web, 2.4, docker.io/library/web:2.4
            10.0.0.1:5000/a/b, 10.0.0.1:5000/a/b, latest, 10.0.0.1:5000/a/b:latest
            """)
    void imagesAreReadAsDockerReadsThem(String text, String repository, String version, String name) {
        var image = ImageReference.parse(text);

        assertThat(image.repository()).isEqualTo(repository);
        assertThat(image.version()).isEqualTo(version);
        assertThat(image).hasToString(name);
    }

    @Test
    void aDigestWinsOverATag() {
        var digest = "sha256:" + "a".repeat(64);

        assertThat(ImageReference.parse("web:2.4@" + digest)).hasToString("web@" + digest);
    }

    @Test
    void healthMayBeSwitchedOffAndThenNobodyWaitsForIt() throws UnitFileException {
        assertThat(Settings.of("HealthCmd=none").health().orElseThrow().test()).isEqualTo(Health.NONE);
        assertThat(catchThrowableOfType(UnitFileException.class, () -> Settings.of("HealthCmd=none", "Notify=healthy"))
                        .problems())
                .singleElement().asString().contains("waits for ever");
    }

    @Test
    void whatPodmanMakesWritableStaysSoUnlessSomethingIsMountedThere() throws UnitFileException {
        assertThat(Settings.of("ReadOnly=yes", "Volume=tmp:/tmp").storage().tmpfs())
                .containsOnlyKeys("/run", "/var/tmp");
        assertThat(Settings.of("ReadOnly=yes", "ReadOnlyTmpfs=no").storage().tmpfs()).isEmpty();
        assertThat(Settings.of().storage().tmpfs()).isEmpty();
    }

    @Test
    void twoMountsAtOnePlaceAreRefused() {
        assertThat(catchThrowableOfType(
                                UnitFileException.class, () -> Settings.of("Volume=/a:/data", "Tmpfs=/data"))
                        .problems())
                .singleElement().asString().contains("two mounts on /data");
    }

    @Test
    void networksThatDoNotGoTogetherAreRefused() throws UnitFileException {
        assertThat(catchThrowableOfType(UnitFileException.class, () -> Settings.of("Network=host", "Network=made"))
                        .problems())
                .singleElement().asString().contains("go with no other network");
        assertThat(catchThrowableOfType(
                                UnitFileException.class, () -> Settings.of("Network=container:db", "HostName=web"))
                        .problems())
                .singleElement().asString().contains("are the other container's");
        assertThat(catchThrowableOfType(UnitFileException.class, () -> Settings.of("Network=bridge", "IP=10.0.0.9"))
                        .problems())
                .singleElement().asString().contains("no addresses and names");
        assertThat(Settings.read("[Container]\nImage=web\nNetwork=host\nPublishPort=80:80\n").ignored())
                .containsExactly("PublishPort= with Network=host");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(textBlock = """
            web.service, flota-web
            web@1.service, flota-web_1
            """)
    void containersAreCalledAsTheirUnits(String unit, String name) {
        assertThat(ContainerReader.nameOf(new UnitName(unit))).isEqualTo(name);
    }

    @Test
    void unitsThatLookAlikeHaveContainersOfTheirOwn() {
        assertThat(ContainerReader.nameOf(new UnitName("web_1.service")))
                .startsWith("flota-web_1-")
                .isNotEqualTo(ContainerReader.nameOf(new UnitName("web:1.service")));
    }
}
