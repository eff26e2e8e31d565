package io.onevault.jobs.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** What may depend on what, over every module of the deployed jar. */
@AnalyzeClasses(packages = "io.onevault", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule FORECASTING_IS_PLAIN_JAVA =
            noClasses()
                    .that()
                    .resideInAPackage("io.onevault.forecasting..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.flink..",
                            "io.debezium..",
                            "java.sql..",
                            "io.onevault.connectors..",
                            "io.onevault.jobs..",
                            "io.onevault.sql..")
                    .because("growth models are used alone, from the command line on a CSV");

    @ArchTest
    static final ArchRule PURE_LOGIC_KNOWS_NO_FLINK =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "io.onevault.jobs.alerts.rules..", "io.onevault.jobs.locks.impact..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("org.apache.flink..", "io.debezium..", "java.sql..")
                    .because("what is decided is tested without a cluster");

    @ArchTest
    static final ArchRule THE_LOCK_GRAPH_IS_PLAIN_JAVA =
            noClasses()
                    .that()
                    .resideInAPackage("io.onevault.jobs.locks.graph..")
                    .should()
                    .dependOnClassesThat(
                            resideOutsideOfPackages(
                                    "java.lang..",
                                    "java.util..",
                                    "org.jspecify..",
                                    "io.onevault.connectors.model..",
                                    "io.onevault.jobs.locks.graph.."))
                    .because("who waits for whom is the same in a stream and on the command line");

    @ArchTest
    static final ArchRule DEBEZIUM_STAYS_IN_THE_CDC_SOURCE =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.onevault.connectors.cdc..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.debezium..")
                    .because("everything else sees typed row changes, whatever engine reads them");

    @ArchTest
    static final ArchRule JDBC_STAYS_AT_THE_EDGES =
            noClasses()
                    .that()
                    .resideInAnyPackage("io.onevault.jobs..", "io.onevault.forecasting..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("java.sql..")
                    .because("connectors and sql talk to databases; jobs decide what it means");

    @ArchTest
    static final ArchRule STATISTICS_LIBRARY_STAYS_IN_FORECASTING =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.onevault.forecasting..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.apache.commons.math3..")
                    .because("models are fitted in one place");

    @ArchTest
    static final ArchRule CONNECTORS_DO_NOT_KNOW_THE_JOBS =
            noClasses()
                    .that()
                    .resideInAnyPackage("io.onevault.connectors..", "io.onevault.sql..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.onevault.jobs..", "io.onevault.forecasting..")
                    .because("data flows from connectors into jobs, one way");

    @ArchTest
    static final ArchRule THE_MODEL_IS_AT_THE_BOTTOM =
            noClasses()
                    .that()
                    .resideInAPackage("io.onevault.connectors.model..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.onevault.connectors.polling..",
                            "io.onevault.connectors.vault..",
                            "org.apache.flink..")
                    .because("records are the contract between capabilities, not a part of one");

    @ArchTest
    static final ArchRule ONLY_MAIN_EXECUTES =
            noClasses()
                    .that()
                    .doNotHaveFullyQualifiedName("io.onevault.jobs.OneVaultJob")
                    .should()
                    .callMethod(StreamExecutionEnvironment.class, "execute")
                    .orShould()
                    .callMethod(StreamExecutionEnvironment.class, "execute", String.class)
                    .orShould()
                    .callMethod(StreamExecutionEnvironment.class, "executeAsync")
                    .because("a topology that executes itself cannot be composed or tested");

    @ArchTest
    static final ArchRule FINDINGS_DO_NOT_KNOW_THEIR_PLACE_IN_THE_VAULT =
            noClasses()
                    .that()
                    .haveSimpleName("MetricWindow")
                    .or()
                    .resideInAPackage("io.onevault.jobs.objects..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.onevault.connectors.vault..")
                    .because("a finding is stored by a mapping beside it");

    @ArchTest
    static final ArchRule ATTRIBUTION_IS_PLAIN_JAVA =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "io.onevault.jobs.capacity.attribution..",
                            "io.onevault.jobs.capacity.forecast..",
                            "io.onevault.jobs.alerts.lifecycle..",
                            "io.onevault.jobs.metrics.baseline..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("org.apache.flink..", "io.onevault.connectors.vault..")
                    .because("logic without a topology is tested without one");

    @ArchTest
    static final ArchRule CONNECTORS_HAVE_NO_CYCLES =
            slices().matching("io.onevault.connectors.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule FORECASTING_HAS_NO_CYCLES_WITH_ITS_CSV =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.onevault.forecasting.csv..")
                    .and()
                    .resideInAPackage("io.onevault.forecasting..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.onevault.forecasting.csv..")
                    .because("files are one way to bring a series, not a part of forecasting");

    @ArchTest
    static final ArchRule STREAM_RECORDS_ARE_RECORDS =
            classes()
                    .that()
                    .resideInAPackage("io.onevault.connectors.model")
                    .and()
                    .areNotInterfaces()
                    .and()
                    .areNotEnums()
                    .and()
                    .areTopLevelClasses()
                    .and()
                    .doNotHaveSimpleName("package-info")
                    .should()
                    .beRecords()
                    .because("what travels is immutable");
}
