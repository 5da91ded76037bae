"""What plugins import: the contracts of rules, features, layouts and reporters, and the texts' one door."""

from tagmetry.attributes import Attributes, Spread, attributes, naming, never_named, spread
from tagmetry.columns import Codes, Column, Mask, Ragged, Rows
from tagmetry.cooccurrence import TagPairs
from tagmetry.dataset import (
    CaptionProblem,
    Captions,
    Concept,
    ConceptInfo,
    Dataset,
    Duplicates,
    Excluded,
    FileProblem,
    Folder,
    OrphanCaption,
    ProblemKind,
    Samples,
    TagCount,
)
from tagmetry.distributions import evenness, gini, jaccard, likeness, top_share
from tagmetry.examples import spread_out
from tagmetry.failures import Failure
from tagmetry.feature import Feature, Header, Picture
from tagmetry.finding import (
    FAILURE_MODES,
    Alike,
    Cluster,
    Evidence,
    Finding,
    Location,
    Measurement,
    Severity,
    Subject,
)
from tagmetry.hookspecs import LocaleSource, PolicySource, VocabularySource, hookimpl
from tagmetry.layout import FolderReading, Layout, Reading
from tagmetry.layouts.tree import Tree
from tagmetry.messages import (
    Message,
    Plural,
    Template,
    Translator,
    Value,
    cut,
    message,
    msgid,
    template_fields,
    visible,
)
from tagmetry.options import NoOptions, option
from tagmetry.outliers import RobustSpread, TwoGroups, robust_spread, two_groups
from tagmetry.plain_words import FAILURES, GLOSSARY, QUESTIONS, TECHNIQUES
from tagmetry.plan.arithmetic import whole_repeats
from tagmetry.plan.as_data import plan_as_data, rounded
from tagmetry.plan.model import (
    ConceptPlan,
    FolderPlan,
    ImagePlans,
    Plan,
    Stratum,
    TagPlan,
    TechniqueId,
    TechniquePlan,
    TraceStep,
)
from tagmetry.policy.expressions import Expression
from tagmetry.policy.kinds.figures import evaluated
from tagmetry.policy.kinds.kind import Definition, Field, Kind
from tagmetry.preview import BucketTable, Preview, preview_of, stored_sizes
from tagmetry.profile import ROLES, Profile, Setting
from tagmetry.report import (
    BaselineSummary,
    ConceptSummary,
    CoverageRow,
    DatasetSummary,
    FileAccount,
    FixedFinding,
    FolderSummary,
    ImageTable,
    PluginOutcome,
    PolicySummary,
    Report,
    ReportedFinding,
    Risk,
    RuleOutcome,
    RuleText,
    Summary,
    SuppressedBy,
    TagRow,
)
from tagmetry.reporter import CannotExport, Context, File, Reporter, SavedRuns
from tagmetry.rule import Hits, Remedies, Rule, Skip
from tagmetry.saved_reports import RunChanges, SavedRun
from tagmetry.significance import benjamini_hochberg, fisher_apart, fisher_together, shrunk_npmi, wilson_interval
from tagmetry.suppression import SuppressionUse
from tagmetry.tag_faults import (
    Contradiction,
    Slip,
    Spellings,
    Unlisted,
    all_contradictions,
    contradictions,
    excused_images,
    repeated_tags,
    same_tags,
    slips,
    training_slips,
    unlisted,
)
from tagmetry.text import contains_word, split_tags
from tagmetry.trainer_config import ConfigPart, TrainerConfig, caption_dropout, rows_of
from tagmetry.trainers.settings import (
    ConfiguredDataset,
    ConfiguredSubset,
    Given,
    Place,
    PlacedProblem,
    TrainingConfig,
)
from tagmetry.trigger_words import class_only, own_forms, with_class_word, with_word
from tagmetry.wrapping import wrapped

__all__ = [
    # rules
    "Rule", "Remedies", "Skip", "Hits", "Finding", "Subject", "Severity", "Evidence", "Measurement", "Location",
    "Cluster", "Alike", "FAILURE_MODES", "SuppressionUse",
    # the dataset
    "Dataset", "Samples", "Concept", "ConceptInfo", "Captions", "CaptionProblem", "Duplicates", "Excluded",
    "FileProblem", "Folder", "OrphanCaption", "TagCount", "TagPairs", "Column", "Codes", "Ragged", "Mask", "Rows",
    "Profile", "Setting", "ProblemKind", "ROLES",
    # the dataset with the trainer's eye
    "Preview", "BucketTable", "preview_of", "stored_sizes",
    # the trainer's own configuration
    "TrainerConfig", "ConfigPart", "TrainingConfig", "ConfiguredDataset", "ConfiguredSubset", "Given", "Place",
    "PlacedProblem", "rows_of", "caption_dropout",
    # figures of tags
    "gini", "top_share", "evenness", "jaccard", "likeness", "wilson_interval", "fisher_together", "fisher_apart",
    "benjamini_hochberg", "shrunk_npmi", "contradictions", "Contradiction", "repeated_tags", "same_tags", "Spellings",
    "slips", "Slip", "unlisted", "Unlisted", "own_forms",
    "all_contradictions", "training_slips", "excused_images",
    "attributes", "Attributes", "spread", "Spread", "naming", "never_named", "spread_out",
    "with_word", "with_class_word", "class_only",
    # kinds of rules that policies define
    "Kind", "Field", "Definition", "Expression", "evaluated",
    # features
    "Feature", "Picture", "Header",
    # figures of a few images against each other
    "RobustSpread", "robust_spread", "TwoGroups", "two_groups",
    # layouts
    "Layout", "Reading", "FolderReading", "Tree",
    # reporters
    "Reporter", "File", "Context", "CannotExport", "Report", "ReportedFinding", "RuleOutcome", "RuleText",
    "PluginOutcome", "Failure", "SuppressedBy", "BaselineSummary", "FixedFinding",
    "FileAccount", "ConceptSummary", "FolderSummary", "DatasetSummary", "PolicySummary", "ImageTable", "TagRow",
    "CoverageRow", "Risk",
    "SavedRuns", "SavedRun", "RunChanges",
    "Summary", "Plan", "plan_as_data", "rounded", "whole_repeats", "ConceptPlan", "FolderPlan", "TagPlan", "TraceStep",
    "TechniquePlan", "TechniqueId", "ImagePlans", "Stratum",
    # plain words
    "FAILURES", "TECHNIQUES", "QUESTIONS", "GLOSSARY",
    # captions as text, for reporters; rules import tagmetry.text
    "contains_word", "split_tags",
    # plugins and texts
    "hookimpl", "PolicySource", "VocabularySource", "LocaleSource", "Message", "message", "msgid", "Plural", "Template",
    "Translator",
    "Value", "cut", "wrapped", "visible", "template_fields", "option", "NoOptions",
]  # fmt: skip
