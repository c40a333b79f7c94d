// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;
import static org.ops4j.pax.exam.CoreOptions.vmOption;
import static org.ops4j.pax.exam.OptionUtils.combine;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.configureConsole;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.karafDistributionConfiguration;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.keepRuntimeFolder;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.logLevel;

import java.io.File;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.karaf.options.LogLevelOption.LogLevel;

/** The two containers: the real distribution, and Apache's Karaf as it is downloaded. */
final class Containers {

    private Containers() {}

    static Option[] distribution(Option... more) {
        return container("karst.distribution", "Karst", more);
    }

    static Option[] plainKaraf(Option... more) {
        return container("karaf.distribution", "Apache Karaf", more);
    }

    private static Option[] container(String archiveProperty, String name, Option... more) {
        String karaf = System.getProperty("karaf.version");
        String locator = "lib/endorsed/org.apache.karaf.specs.locator-" + karaf + ".jar";
        String javaXml = "lib/endorsed/org.apache.karaf.specs.java.xml-" + karaf + ".jar";
        Option[] base =
                options(
                        karafDistributionConfiguration()
                                .frameworkUrl(fileUrl(System.getProperty(archiveProperty)))
                                .name(name)
                                .karafVersion(karaf)
                                .unpackDirectory(new File(System.getProperty("exam.dir"))),
                        configureConsole().ignoreLocalConsole().ignoreRemoteShell(),
                        logLevel(LogLevel.INFO),
                        keepRuntimeFolder(),
                        editConfigurationFilePut(
                                "etc/org.ops4j.pax.url.mvn.cfg",
                                "org.ops4j.pax.url.mvn.repositories",
                                fileUrl(System.getProperty("exam.repo")) + "@id=exam@snapshots"),
                        // Fresh, and not the user's: that may hold another build, and what is
                        // installed there meanwhile would be an update of what runs here.
                        editConfigurationFilePut(
                                "etc/org.ops4j.pax.url.mvn.cfg",
                                "org.ops4j.pax.url.mvn.localRepository",
                                "${karaf.data}/m2"),
                        systemProperty("karst.features")
                                .value(fileUrl(System.getProperty("karst.features"))),
                        // Karaf's own start script gives these on Java 9 and later.
                        vmOption("--add-reads=java.xml=java.logging"),
                        vmOption(
                                "--add-exports=java.base/org.apache.karaf.specs.locator"
                                        + "=java.xml,ALL-UNNAMED"),
                        vmOption("--patch-module"),
                        vmOption("java.base=" + locator),
                        vmOption("--patch-module"),
                        vmOption("java.xml=" + javaXml),
                        vmOption("--add-opens"),
                        vmOption("java.base/java.security=ALL-UNNAMED"),
                        vmOption("--add-opens"),
                        vmOption("java.base/java.net=ALL-UNNAMED"),
                        vmOption("--add-opens"),
                        vmOption("java.base/java.lang=ALL-UNNAMED"),
                        vmOption("--add-opens"),
                        vmOption("java.base/java.util=ALL-UNNAMED"),
                        vmOption("--add-opens"),
                        vmOption("java.naming/javax.naming.spi=ALL-UNNAMED"),
                        vmOption("--add-opens"),
                        vmOption("java.rmi/sun.rmi.transport.tcp=ALL-UNNAMED"),
                        vmOption("--add-exports=java.base/sun.net.www.protocol.file=ALL-UNNAMED"),
                        vmOption("--add-exports=java.base/sun.net.www.protocol.jar=ALL-UNNAMED"),
                        vmOption("-classpath"),
                        vmOption("lib/jdk9plus/*" + File.pathSeparator + "lib/boot/*"),
                        vmOption("-Xmx512m"));
        return combine(base, more);
    }

    private static String fileUrl(String path) {
        return new File(path).toURI().toString();
    }
}
