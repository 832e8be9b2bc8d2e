import django.db.models.deletion
import django_fsm
import foundation.first_tables
import foundation.ids
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('review', '0001_initial'), ('review', '0002_simple_drafts_and_saved_filters'), ('review', '0003_boundaries_by_role_and_four_eyes'), ('review', '0004_ladder'), ('review', '0005_names_of_columns'), ('review', '0006_decided_drafts'), ('review', '0007_overruled_checks'), ('review', '0008_house_advice')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('cases', '0001_first'),
        ('conversations', '0001_first'),
        ('delivery', '0001_first'),
        ('knowledge', '0001_first'),
        ('people', '0001_first'),
    ]

    operations = [
        foundation.first_tables.CreateTogether(
            models=[
                migrations.CreateModel(
                    name='Draft',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('decision_ref', models.UUIDField(editable=False, null=True)),
                        ('reply_kind', models.CharField(choices=[('issue_received', 'Issue received'), ('material_received', 'Material received'), ('material_request', 'Material request'), ('cooperation_request', 'Cooperation request'), ('progress_update', 'Progress'), ('result_update', 'Result'), ('appointment_proposed', 'Appointment proposed'), ('appointment_confirmed', 'Appointment confirmed'), ('completion_confirmed', 'Completion confirmed'), ('cancellation_confirmed', 'Cancellation confirmed'), ('reminder', 'Reminder'), ('faq_answer', 'Answer from knowledge'), ('holding_notice', 'Holding notice'), ('other', 'Other')], max_length=32, verbose_name='kind')),
                        ('proposed_text', models.TextField(blank=True, verbose_name='proposed wording')),
                        ('text', models.TextField(blank=True, verbose_name='wording')),
                        ('content_hash', models.CharField(blank=True, editable=False, max_length=64)),
                        ('thread_position', models.PositiveBigIntegerField(default=0, editable=False)),
                        ('risk_topics', models.JSONField(blank=True, default=list, verbose_name='risk topics')),
                        ('alerts', models.JSONField(blank=True, default=list, verbose_name='alerts')),
                        ('reasons', models.JSONField(blank=True, default=list, verbose_name='why it is held')),
                        ('risk_note', models.TextField(blank=True, verbose_name='risk note')),
                        ('missing', models.JSONField(blank=True, default=list, verbose_name='missing material')),
                        ('suggestion', models.TextField(blank=True, verbose_name='suggested handling')),
                        ('waiting_for', models.CharField(blank=True, max_length=255, verbose_name='waiting for')),
                        ('required_right', models.CharField(choices=[('handler', 'Handler'), ('supervisor', 'Supervisor')], default='handler', max_length=16, verbose_name='released by')),
                        ('is_simple', models.BooleanField(default=False, editable=False)),
                        ('effects', models.JSONField(blank=True, default=dict, editable=False)),
                        ('state', django_fsm.FSMField(choices=[('pending', 'Waiting for review'), ('approved', 'Approved'), ('edited', 'Edited and approved'), ('auto_released', 'Released by rule'), ('released', 'Released'), ('rejected', 'Rejected'), ('taken_over', 'Taken over'), ('superseded', 'Superseded'), ('expired', 'Expired')], default='pending', max_length=50, protected=True, verbose_name='state')),
                        ('created_at', models.DateTimeField(verbose_name='since')),
                        ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                        ('claimed_until', models.DateTimeField(blank=True, null=True)),
                        ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='cases.servicecase', verbose_name='case')),
                        ('cause', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='conversations.message', verbose_name='message')),
                        ('claimed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='claimed_drafts', to='people.staffmember', verbose_name='being worked on by')),
                        ('conversation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='conversations.conversation', verbose_name='into')),
                        ('outbound', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='draft', to='delivery.outbound', verbose_name='outbound')),
                        ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaced_by', to='review.draft', verbose_name='replaces')),
                        ('sources', models.ManyToManyField(blank=True, related_name='cited_by', to='knowledge.knowledgeversion', verbose_name='sources')),
                        ('first_yes', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='review.verdict', verbose_name='confirmed first by')),
                    ],
                    options={
                        'verbose_name': 'draft',
                        'verbose_name_plural': 'drafts',
                        'permissions': [('release_draft', 'Can release drafts'), ('release_risky_draft', 'Can release what only a supervisor may'), ('overrule_text_check', 'Can release words that a check holds, with a reason')],
                        'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['created_at'], name='draft_pending'), models.Index(condition=models.Q(('decided_at__isnull', False)), fields=['decided_at'], name='draft_decided')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('cause', 'conversation', 'reply_kind'), name='one_open_draft_per_cause_target_and_kind')],
                    },
                    bases=(django_fsm.FSMModelMixin, models.Model),
                ),
                migrations.CreateModel(
                    name='Finding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=32, verbose_name='finding')),
                        ('words', models.CharField(max_length=255, verbose_name='words')),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('handled_at', models.DateTimeField(blank=True, null=True, verbose_name='handled at')),
                        ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='conversations.message', verbose_name='message')),
                    ],
                    options={
                        'verbose_name': 'quality finding',
                        'verbose_name_plural': 'quality findings',
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalAutomationLevel',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('conversation_kind', models.CharField(blank=True, max_length=24, verbose_name='conversations')),
                        ('reply_kind', models.CharField(choices=[('issue_received', 'Issue received'), ('material_received', 'Material received'), ('material_request', 'Material request'), ('cooperation_request', 'Cooperation request'), ('progress_update', 'Progress'), ('result_update', 'Result'), ('appointment_proposed', 'Appointment proposed'), ('appointment_confirmed', 'Appointment confirmed'), ('completion_confirmed', 'Completion confirmed'), ('cancellation_confirmed', 'Cancellation confirmed'), ('reminder', 'Reminder'), ('faq_answer', 'Answer from knowledge'), ('holding_notice', 'Holding notice'), ('other', 'Other')], max_length=32, verbose_name='kind of reply')),
                        ('level', models.CharField(choices=[('record', 'No draft'), ('draft', 'Draft on the case page'), ('review', 'Review queue'), ('direct', 'Released without review')], default='review', max_length=8, verbose_name='level')),
                        ('changed_by', models.CharField(blank=True, max_length=64, verbose_name='set by')),
                        ('note', models.CharField(blank=True, max_length=255, verbose_name='why')),
                        ('changed_at', models.DateTimeField(blank=True, null=True, verbose_name='set at')),
                        ('figures', models.JSONField(blank=True, default=dict, verbose_name='figures that it was set with')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('flow', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='cases.serviceflow', verbose_name='flow')),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'historical automation level',
                        'verbose_name_plural': 'historical automation levels',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='HistoricalRiskBoundary',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('topic', models.CharField(db_index=True, max_length=32, verbose_name='topic')),
                        ('right', models.CharField(choices=[('handler', 'Handler'), ('supervisor', 'Supervisor')], default='handler', max_length=16, verbose_name='released by')),
                        ('four_eyes', models.BooleanField(default=False, help_text='Two different people release it, both on record.', verbose_name='a second person must confirm')),
                        ('advice', models.TextField(blank=True, help_text='How your house handles it, shown beside such drafts. Empty: the words that come with the product.', max_length=400, verbose_name='what to do')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'historical risk boundary',
                        'verbose_name_plural': 'historical risk boundaries',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='LevelFall',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('conversation_kind', models.CharField(blank=True, max_length=24, verbose_name='conversations')),
                        ('reply_kind', models.CharField(choices=[('issue_received', 'Issue received'), ('material_received', 'Material received'), ('material_request', 'Material request'), ('cooperation_request', 'Cooperation request'), ('progress_update', 'Progress'), ('result_update', 'Result'), ('appointment_proposed', 'Appointment proposed'), ('appointment_confirmed', 'Appointment confirmed'), ('completion_confirmed', 'Completion confirmed'), ('cancellation_confirmed', 'Cancellation confirmed'), ('reminder', 'Reminder'), ('faq_answer', 'Answer from knowledge'), ('holding_notice', 'Holding notice'), ('other', 'Other')], max_length=32, verbose_name='kind of reply')),
                        ('fell', models.BooleanField(verbose_name='fell')),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='level_falls', to='review.draft', verbose_name='draft')),
                        ('fact', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='level_fall', to='cases.servicefact')),
                        ('flow', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='cases.serviceflow', verbose_name='flow')),
                    ],
                    options={
                        'verbose_name': 'fall of a level',
                        'verbose_name_plural': 'falls of levels',
                    },
                ),
                migrations.CreateModel(
                    name='RiskBoundary',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('topic', models.CharField(max_length=32, unique=True, verbose_name='topic')),
                        ('right', models.CharField(choices=[('handler', 'Handler'), ('supervisor', 'Supervisor')], default='handler', max_length=16, verbose_name='released by')),
                        ('four_eyes', models.BooleanField(default=False, help_text='Two different people release it, both on record.', verbose_name='a second person must confirm')),
                        ('advice', models.TextField(blank=True, help_text='How your house handles it, shown beside such drafts. Empty: the words that come with the product.', max_length=400, verbose_name='what to do')),
                        ('groups', models.ManyToManyField(blank=True, help_text='Empty: whoever has the right.', related_name='+', to='auth.group', verbose_name='only these roles')),
                    ],
                    options={
                        'verbose_name': 'risk boundary',
                        'verbose_name_plural': 'risk boundaries',
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalRiskBoundary_groups',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('m2m_history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('group', models.ForeignKey(blank=True, db_constraint=False, db_tablespace='', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='auth.group')),
                        ('history', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, to='review.historicalriskboundary')),
                        ('riskboundary', models.ForeignKey(blank=True, db_constraint=False, db_tablespace='', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='review.riskboundary')),
                    ],
                    options={
                        'verbose_name': 'HistoricalRiskBoundary_groups',
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='Verdict',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('do', models.CharField(choices=[('approve', 'Approve'), ('edit', 'Edit'), ('reject', 'Reject'), ('take_over', 'Take over'), ('record', 'Only record'), ('auto', 'Release by rule')], max_length=16, verbose_name='verdict')),
                        ('actor', models.JSONField(default=dict)),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('text', models.TextField(blank=True, verbose_name='text')),
                        ('reason_code', models.CharField(blank=True, max_length=32, verbose_name='reason')),
                        ('reason', models.CharField(blank=True, max_length=255, verbose_name='words')),
                        ('accepted', models.BooleanField(default=True, verbose_name='carried out')),
                        ('refusals', models.JSONField(blank=True, default=list, verbose_name='why it was refused')),
                        ('overruled', models.JSONField(blank=True, default=list, verbose_name='what was overruled')),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='people.staffmember', verbose_name='by')),
                        ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to='review.draft')),
                    ],
                    options={
                        'verbose_name': 'verdict',
                        'verbose_name_plural': 'verdicts',
                    },
                ),
                migrations.CreateModel(
                    name='AutomationLevel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('conversation_kind', models.CharField(blank=True, max_length=24, verbose_name='conversations')),
                        ('reply_kind', models.CharField(choices=[('issue_received', 'Issue received'), ('material_received', 'Material received'), ('material_request', 'Material request'), ('cooperation_request', 'Cooperation request'), ('progress_update', 'Progress'), ('result_update', 'Result'), ('appointment_proposed', 'Appointment proposed'), ('appointment_confirmed', 'Appointment confirmed'), ('completion_confirmed', 'Completion confirmed'), ('cancellation_confirmed', 'Cancellation confirmed'), ('reminder', 'Reminder'), ('faq_answer', 'Answer from knowledge'), ('holding_notice', 'Holding notice'), ('other', 'Other')], max_length=32, verbose_name='kind of reply')),
                        ('level', models.CharField(choices=[('record', 'No draft'), ('draft', 'Draft on the case page'), ('review', 'Review queue'), ('direct', 'Released without review')], default='review', max_length=8, verbose_name='level')),
                        ('changed_by', models.CharField(blank=True, max_length=64, verbose_name='set by')),
                        ('note', models.CharField(blank=True, max_length=255, verbose_name='why')),
                        ('changed_at', models.DateTimeField(blank=True, null=True, verbose_name='set at')),
                        ('figures', models.JSONField(blank=True, default=dict, verbose_name='figures that it was set with')),
                        ('flow', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='cases.serviceflow', verbose_name='flow')),
                    ],
                    options={
                        'verbose_name': 'automation level',
                        'verbose_name_plural': 'automation levels',
                        'constraints': [models.UniqueConstraint(fields=('flow', 'conversation_kind', 'reply_kind'), name='one_level_per_flow_conversations_and_kind'), models.UniqueConstraint(condition=models.Q(('flow__isnull', True)), fields=('conversation_kind', 'reply_kind'), name='one_default_level_per_conversations_and_kind')],
                    },
                ),
                migrations.CreateModel(
                    name='SavedFilter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=32, verbose_name='name')),
                        ('query', models.JSONField(default=dict, verbose_name='filter')),
                        ('staff', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_filters', to='people.staffmember')),
                    ],
                    options={
                        'verbose_name': 'saved filter',
                        'verbose_name_plural': 'saved filters',
                        'ordering': ['id'],
                        'constraints': [models.UniqueConstraint(fields=('staff', 'name'), name='somebody_has_one_saved_filter_of_a_name')],
                    },
                ),
            ],
        ),
    ]
