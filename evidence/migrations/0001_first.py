import django.db.models.deletion
import foundation.encryption
import foundation.first_tables
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('evidence', '0001_initial'), ('evidence', '0002_chains_of_knowledge_and_policy')]

    initial = True

    dependencies = [
    ]

    operations = [
        foundation.first_tables.CreateTogether(
            models=[
                migrations.CreateModel(
                    name='Anchor',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('date', models.DateField(unique=True, verbose_name='day')),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('chains', models.PositiveIntegerField(verbose_name='chains')),
                        ('heads', models.JSONField(verbose_name='heads')),
                        ('digest', models.CharField(max_length=64, verbose_name='digest')),
                        ('prev_digest', models.CharField(blank=True, max_length=64)),
                    ],
                    options={
                        'verbose_name': 'evidence anchor',
                        'verbose_name_plural': 'evidence anchors',
                    },
                ),
                migrations.CreateModel(
                    name='Chain',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject_kind', models.CharField(choices=[('case', 'Case'), ('conversation', 'Conversation'), ('knowledge', 'Knowledge'), ('policy', 'Policy')], max_length=16, verbose_name='subject')),
                        ('subject_ref', models.UUIDField(verbose_name='reference')),
                        ('head_seq', models.PositiveBigIntegerField(default=0, verbose_name='length')),
                        ('head_hash', models.CharField(blank=True, default='', max_length=64, verbose_name='head')),
                    ],
                    options={
                        'verbose_name': 'evidence chain',
                        'verbose_name_plural': 'evidence chains',
                        'constraints': [models.UniqueConstraint(fields=('subject_kind', 'subject_ref'), name='a_subject_has_one_chain')],
                    },
                ),
                migrations.CreateModel(
                    name='Entry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('seq', models.PositiveBigIntegerField(verbose_name='number')),
                        ('kind', models.CharField(max_length=32, verbose_name='kind')),
                        ('actor', models.JSONField(verbose_name='actor')),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('refs', models.JSONField(default=dict, verbose_name='references')),
                        ('prev_hash', models.CharField(blank=True, max_length=64)),
                        ('body_digest', models.CharField(max_length=64)),
                        ('hash', models.CharField(max_length=64, verbose_name='hash')),
                        ('chain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='evidence.chain')),
                    ],
                    options={
                        'verbose_name': 'evidence entry',
                        'verbose_name_plural': 'evidence entries',
                        'constraints': [models.UniqueConstraint(fields=('chain', 'seq'), name='a_number_once_per_chain')],
                    },
                ),
                migrations.CreateModel(
                    name='EntryBody',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('salt', models.CharField(blank=True, max_length=32)),
                        ('body', foundation.encryption.EncryptedTextField(blank=True, verbose_name='content')),
                        ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='erased at')),
                        ('erased_by', models.CharField(blank=True, max_length=64, verbose_name='erased by')),
                        ('erase_reason', models.CharField(blank=True, max_length=255, verbose_name='reason')),
                        ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='body_row', to='evidence.entry')),
                    ],
                    options={
                        'verbose_name': 'evidence content',
                        'verbose_name_plural': 'evidence contents',
                    },
                ),
            ],
        ),
    ]
